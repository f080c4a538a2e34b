// Who else changed a control just now: a line in their colour at its edge, and who and when on hover and focus.
//
//   <div {@attach touched(room, "layer", id, "gamma")}>…control…</div>
//
// The look is `[data-touched]` in style.css.

import type { Attachment } from "svelte/attachments";
import type { Room } from "./room.svelte";

export function touched(room: Room, scope: string, target: string, ...keys: string[]): Attachment<HTMLElement> {
  return (element) => {
    const hand = room.together.handOn(scope, target, keys);
    if (hand === null) return;
    const when = new Date(hand.at_ms).toLocaleTimeString();
    const words = `${hand.actor}${hand.is_agent ? " (a program)" : ""} changed this at ${when}`;
    element.dataset.touched = words;
    element.style.setProperty("--touch", hand.color);
    const control = element.matches("button, input, select") ? element : element.querySelector("button, input, select");
    control?.setAttribute("aria-description", words);
    return () => {
      delete element.dataset.touched;
      element.style.removeProperty("--touch");
      control?.removeAttribute("aria-description");
    };
  };
}

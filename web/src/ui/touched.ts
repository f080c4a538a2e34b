// Who else changed a control just now: a line in their colour at its edge, and who and when on hover and focus.
//
//   <div {@attach touched(room, "layer", id, "gamma")}>…control…</div>
//
// The looks are `[data-touched]` and `.touch-tip` in style.css.

import type { Attachment } from "svelte/attachments";
import type { Room } from "./room.svelte";

export function touched(room: Room, scope: string, target: string, ...keys: string[]): Attachment<HTMLElement> {
  return (element) => {
    const hand = room.together.handOn(scope, target, keys);
    if (hand === null) return;
    const words = `${hand.actor}${hand.is_agent ? " (a program)" : ""} changed this at ${new Date(hand.at_ms).toLocaleTimeString()}`;
    element.dataset.touched = words;
    element.style.setProperty("--touch", hand.color);
    const control = element.matches("button, input, select") ? element : element.querySelector("button, input, select");
    control?.setAttribute("aria-description", words);
    const show = () => tip.show(element, words, hand.color);
    const hide = () => tip.hide(element);
    for (const event of ["pointerenter", "focusin"]) element.addEventListener(event, show);
    for (const event of ["pointerleave", "focusout"]) element.addEventListener(event, hide);
    if (element.matches(":hover, :focus-within")) show();
    return () => {
      hide();
      for (const event of ["pointerenter", "focusin"]) element.removeEventListener(event, show);
      for (const event of ["pointerleave", "focusout"]) element.removeEventListener(event, hide);
      delete element.dataset.touched;
      element.style.removeProperty("--touch");
      control?.removeAttribute("aria-description");
    };
  };
}

/** The page's one tip, in the top layer: what scrolls would cut it off. */
const tip = {
  box: null as HTMLElement | null,
  of: null as HTMLElement | null,

  show(element: HTMLElement, words: string, color: string): void {
    this.box ??= makeBox();
    this.of = element;
    this.box.textContent = words;
    this.box.style.setProperty("--touch", color);
    if (!this.box.matches(":popover-open")) this.box.showPopover();
    const { left, top, bottom } = element.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const below = bottom + 4;
    this.box.style.left = `${Math.max(4, Math.min(left, window.innerWidth - width - 4))}px`;
    this.box.style.top = `${below + height > window.innerHeight - kFooter ? top - height - 4 : below}px`;
  },

  hide(element: HTMLElement): void {
    if (this.of !== element) return;
    this.of = null;
    this.box?.hidePopover();
  },
};
/** CSS pixels of the status bar, which the tip leaves free. */
const kFooter = 24;

function makeBox(): HTMLElement {
  const box = document.createElement("div");
  box.className = "touch-tip";
  box.popover = "manual";
  box.setAttribute("aria-hidden", "true");
  return document.body.appendChild(box);
}

// Wheel events as distances and as steps.

const kWheelLinePx = 33;
/** A free-spinning wheel may report thousands of pixels at once. */
const kWheelMaxPx = 800;
/** One notch, one step. */
const kStepPerWheelPx = 1 / 100;

/** Down and right are positive. Shift turns the wheel sideways in most browsers, so either direction counts. */
export function wheelPx(event: WheelEvent): number {
  const raw = event.deltaY !== 0 ? event.deltaY : event.deltaX;
  const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? raw * kWheelLinePx : raw;
  return Math.max(-kWheelMaxPx, Math.min(kWheelMaxPx, pixels));
}

/** Adds up what touch pads report in small pieces. */
export class WheelSteps {
  private rest_ = 0;

  /** Whole steps that came together with this event. */
  add(event: WheelEvent): number {
    this.rest_ += wheelPx(event) * kStepPerWheelPx;
    const whole = Math.trunc(this.rest_);
    this.rest_ -= whole;
    return whole;
  }
}

/** Steps for turns of the wheel over an element, which does not scroll with them. Returns how to stop. */
export function attachWheelSteps(element: HTMLElement, step: (delta: number) => void): () => void {
  const steps = new WheelSteps();
  const turn = (event: WheelEvent) => {
    // A pinch, which zooms the page.
    if (event.ctrlKey) return;
    event.preventDefault();
    const whole = steps.add(event);
    if (whole !== 0) step(whole);
  };
  element.addEventListener("wheel", turn, { passive: false });
  return () => element.removeEventListener("wheel", turn);
}

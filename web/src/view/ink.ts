// Black or white, whichever is read better on a colour "#rrggbb".

export function inkOn(color: string): "#10141a" | "#ffffff" {
  const part = (at: number) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
  // Where both have the same contrast by WCAG 2: (L + 0.05)² = 1.05 · (0.0065 + 0.05).
  return luminance > 0.194 ? "#10141a" : "#ffffff";
}

// Can this page show the video? If not, pictures come one by one (JPEG). WebCodecs exists in secure contexts only, so the same
// browser may say yes on http://127.0.0.1 and no on http://workstation.

export type VideoSupport = { ok: true } | { ok: false; reason: "insecure" | "missing" | "no_h264" };

/** Constrained Baseline 4.0: whoever decodes H.264 at all decodes this. */
const kProbeCodec = "avc1.42E028";

export async function videoSupport(): Promise<VideoSupport> {
  if (typeof VideoDecoder === "undefined") return { ok: false, reason: isSecureContext ? "missing" : "insecure" };
  try {
    const answer = await VideoDecoder.isConfigSupported({ codec: kProbeCodec, optimizeForLatency: true });
    return answer.supported === true ? { ok: true } : { ok: false, reason: "no_h264" };
  } catch {
    return { ok: false, reason: "no_h264" };
  }
}

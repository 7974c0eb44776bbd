// @ts-check
// A video and a sound that play: real files, small enough to be carried as text.

/** One second of a test card, 64 × 64, 5 frames: H.264 (constrained baseline) in MP4, 1.3 KB. */
const TEST_CARD_MP4 = [
  "AAAAIGZ0eXBpc29tAAACAGlzb21pc28yYXZjMW1wNDEAAAMVbW9vdgAAAGxtdmhkAAAAAAAAAAAAAAAAAAAD6AAAA+gAAQAAAQAAAAAAAAAAAA",
  "AAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAmR0cmFrAAAAXHRraGQA",
  "AAADAAAAAAAAAAAAAAABAAAAAAAAA+gAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAAEAAAABAAA",
  "AAAAAkZWR0cwAAABxlbHN0AAAAAAAAAAEAAAPoAAAAAAABAAAAAAHcbWRpYQAAACBtZGhkAAAAAAAAAAAAAAAAAAAoAAAAKABVxAAAAAAALWhk",
  "bHIAAAAAAAAAAHZpZGUAAAAAAAAAAAAAAABWaWRlb0hhbmRsZXIAAAABh21pbmYAAAAUdm1oZAAAAAEAAAAAAAAAAAAAACRkaW5mAAAAHGRyZW",
  "YAAAAAAAAAAQAAAAx1cmwgAAAAAQAAAUdzdGJsAAAAu3N0c2QAAAAAAAAAAQAAAKthdmMxAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAEAAQABI",
  "AAAASAAAAAAAAAABDExhdmMgbGlieDI2NAAAAAAAAAAAAAAAAAAAAAAAAAAAGP//AAAAMWF2Y0MBQsAK/+EAGGdCwAqmERCbARAAAAMAEAAAAw",
  "Cg8SJhGAEABmjIQgOSyAAAABBwYXNwAAAAAQAAAAEAAAAUYnRydAAAAAAAAA9IAAAPSAAAABhzdHRzAAAAAAAAAAEAAAAFAAAIAAAAABRzdHNz",
  "AAAAAAAAAAEAAAABAAAAHHN0c2MAAAAAAAAAAQAAAAEAAAAFAAAAAQAAAChzdHN6AAAAAAAAAAAAAAAFAAABdQAAABkAAAAbAAAAIAAAACAAAA",
  "AUc3RjbwAAAAAAAAABAAADRQAAAD11ZHRhAAAANW1ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAG1kaXJhcHBsAAAAAAAAAAAAAAAACGlsc3QAAAAI",
  "ZnJlZQAAAfFtZGF0AAABcWWIghOGIoAGB66MGd69/P+BFmzHo//iWRAARDG+r+gEnelkwZSWcsfCHjRYplziUlb8bkj3vwKAQQIEAVhxBQfsEJ",
  "jl/quwP2PD4hj/8NHB0xmlv4kcuoSARwABAZCBQNYciaWBuyAu+P4Ab5TEEuef68NcacYLxmVIp+vgk62s24JawyMRBAAIBYKw998zRkrBmR18",
  "NvsjQ4Q/CYkOxakzvmI0wzbtnAdYt/xLzwbppszGm9fin9YMODi2MA7wGFdU7zsXdZ9n9ISQwh//gkFgcgN0GAm6NGDp7+p6f//7MELgOIRzJk",
  "bmC2Y8eOCgGFAPVeXIfF7wwEwLDAjjBZ9D7TC4uTQI+s0UfHuCKAQxq9e8TyGAZbM57TCCAuJCEAcB3FYLw97hO/sC9rkDTv8zy//WAAJ4Svv1",
  "73hEAAQBh6DAXQeUqWMPjd18sYWxheNAjDmBZ3/DCOPnNHNYhCgcAIvKLommxXAZx5IJLuMEuAAAABVBmhwnF4ldUhyHvQS65aCgj0EuvYAAAA",
  "AXQZoqDcakPfSvpXBRPZ763bT54BLU+/wAAAAcQZo7BHGrCUKzkf+fR5awpX8EN74DK+CLWo1UwAAAABxBmkkBnGrHR7VKNY7WsPc/B1+MS4vg",
  "i1qItAEw",
];

export const videoUrl = () => `data:video/mp4;base64,${TEST_CARD_MP4.join("")}`;

const SAMPLE_RATE = 8000;
const SAMPLES = 2000;

/** A quarter of a second of a 440 Hz tone: 8-bit mono PCM in WAV. */
export function audioUrl() {
  const file = new Uint8Array(44 + SAMPLES);
  const view = new DataView(file.buffer);
  const tag = (/** @type {number} */ at, /** @type {string} */ text) => {
    for (let i = 0; i < text.length; i++) file[at + i] = text.charCodeAt(i);
  };
  tag(0, "RIFF");
  view.setUint32(4, file.length - 8, true);
  tag(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // the size of this header
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE, true); // bytes per second
  view.setUint16(32, 1, true); // bytes per sample
  view.setUint16(34, 8, true); // bits per sample
  tag(36, "data");
  view.setUint32(40, SAMPLES, true);
  for (let i = 0; i < SAMPLES; i++) file[44 + i] = 128 + Math.round(60 * Math.sin((2 * Math.PI * 440 * i) / SAMPLE_RATE));
  return `data:audio/wav;base64,${btoa(String.fromCharCode(...file))}`;
}

/** The icons of this app, always beside a text or with a label. */
const SHAPES = {
  play: "M8 5.5v13l10.5-6.5z",
  reading: "M5 4h9l5 5v11H5zM13 4v6h6M8 13h8M8 16.5h6",
  tick: "m5 12.5 4.5 4.5L19 7.5",
  waiting: "M12 5v7l4 3M21 12a9 9 0 1 1-9-9",
  offline:
    "M3 3l18 18M8.5 16a5 5 0 0 1 5.5-1M5 12.5a10 10 0 0 1 4-2.4M13 9.6a10 10 0 0 1 6 2.9M12 19.5h.01",
  close: "m6 6 12 12M18 6 6 18",
  larger: "M2.5 6.5h19v11h-19z",
  smaller: "M6 8.5h12v7H6z",
  fold: "m6 9 6 6 6-6",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  downloaded: "M5 20h14M6.5 10.5l4 4 7-8.5",
  person: "M12 11.5a3.75 3.75 0 1 0 0-7.5 3.75 3.75 0 0 0 0 7.5M4.5 20a7.6 7.6 0 0 1 15 0",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M15.5 15.5 20 20",
} as const;

export function Icon({ name, size = 20 }: { name: keyof typeof SHAPES; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={SHAPES[name]}
        fill={name === "play" ? "currentColor" : "none"}
        stroke="currentColor"
        strokeWidth={name === "tick" ? 2.75 : 2}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

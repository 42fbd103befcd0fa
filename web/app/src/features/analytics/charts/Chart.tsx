/** The frame of a chart: its picture, and both axes. The axes are texts, so they keep their size. */
import type { ReactNode } from "react";
import styles from "./Chart.module.css";
import { BOX, percentOf } from "./scale";

export interface Tick {
  /** Its place on the axis, in percent. */
  at: number;
  text: string;
  /** Which part of a long text stands there; left out, its middle. */
  align?: "start" | "end";
}

interface ChartProps {
  /** What the picture shows, for those who do not see it. */
  label: string;
  yTicks: readonly Tick[];
  xTicks: readonly Tick[];
  height?: "normal" | "low";
  /** Shapes in a box of 100 × 100. */
  children: ReactNode;
  /** Elements above the picture. */
  overlay?: ReactNode;
}

export function Chart({ label, yTicks, xTicks, height = "normal", ...parts }: ChartProps) {
  return (
    <div className={styles.chart}>
      <div className={styles.yAxis} aria-hidden="true">
        {yTicks.map(({ at, text }) => (
          <span key={at} style={{ bottom: `${at}%` }}>
            {text}
          </span>
        ))}
      </div>
      <div className={styles.plot} data-height={height}>
        <svg
          role="img"
          aria-label={label}
          viewBox={`0 0 ${BOX} ${BOX}`}
          preserveAspectRatio="none"
          focusable="false"
        >
          {yTicks.map(({ at }) => (
            <line
              key={at}
              className={styles.gridline}
              x1={0}
              x2={BOX}
              y1={BOX - at}
              y2={BOX - at}
            />
          ))}
          {parts.children}
        </svg>
        {parts.overlay}
      </div>
      <div className={styles.xAxis} aria-hidden="true">
        {xTicks.map(({ at, text, align }) => (
          <span key={at} data-align={align} style={{ left: `${at}%` }}>
            {text}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Ticks for `values` on an axis from 0 to `most`. */
export function ticksOf(
  values: readonly number[],
  most: number,
  textOf: (value: number) => string,
): Tick[] {
  return values.map((value) => ({ at: percentOf(value, most), text: textOf(value) }));
}

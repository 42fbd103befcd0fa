/** Bars for numbers of learners. */
import { wholeText } from "../format";
import { Chart, type Tick, ticksOf } from "./Chart";
import styles from "./Chart.module.css";
import { barsOf, countTicks } from "./scale";

interface BarChartProps {
  label: string;
  values: readonly number[];
  xTicks: readonly Tick[];
}

/** The share of the width between two bars. */
const GAP = 0.15;

export function BarChart({ label, values, xTicks }: BarChartProps) {
  const ticks = countTicks(Math.max(0, ...values));
  const most = ticks.at(-1) ?? 1;
  return (
    <Chart label={label} yTicks={ticksOf(ticks, most, wholeText)} xTicks={xTicks}>
      {barsOf(values, { most, gap: GAP }).map((bar) => (
        <rect key={bar.x} className={styles.bar} {...bar} />
      ))}
    </Chart>
  );
}

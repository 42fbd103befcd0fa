/** The videos of a course with their numbers, sortable by each. */
import { useState } from "react";
import { Link } from "wouter";
import { analyticsStrings as texts } from "../../analytics-strings";
import { clockTime } from "../../lib/format/time";
import { strings } from "../../strings";
import { countText, shareText } from "./format";
import { nextOrder, type Order, type SortKey, sortVideos, type VideoRow } from "./sort-videos";
import styles from "./VideosTable.module.css";

interface VideosTableProps {
  rows: readonly VideoRow[];
  minLearners: number;
  addressOf: (videoId: string) => string;
}

const COLUMNS: readonly [SortKey, string][] = [
  ["title", texts.columns.video],
  ["viewers", texts.columns.viewers],
  ["viewed", texts.columns.viewed],
  ["completion", texts.columns.completion],
  ["dropOff", texts.columns.dropOff],
];

export function VideosTable({ rows, minLearners, addressOf }: VideosTableProps) {
  const [order, setOrder] = useState<Order | null>(null);
  const directionOf = (key: SortKey) => {
    if (order?.by !== key) return undefined;
    return order.isDescending ? "descending" : "ascending";
  };
  return (
    <table className={styles.table}>
      <caption className="visually-hidden">{texts.course.videos}</caption>
      <thead>
        <tr>
          {COLUMNS.map(([key, heading]) => (
            <th key={key} scope="col" aria-sort={directionOf(key)}>
              <button type="button" onClick={() => setOrder(nextOrder(order, key))}>
                {heading}
                <span aria-hidden="true">{ARROWS[directionOf(key) ?? "none"]}</span>
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sortVideos(rows, order).map((row) => (
          <tr key={row.video_id}>
            <th scope="row">
              <Link href={addressOf(row.video_id)} dir="auto">
                {row.title}
              </Link>
            </th>
            <Numbers row={row} minLearners={minLearners} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const ARROWS = { ascending: " ↑", descending: " ↓", none: "" };

function Numbers({ row, minLearners }: { row: VideoRow; minLearners: number }) {
  if (row.suppressed) {
    return (
      <td className={styles.suppressed} colSpan={COLUMNS.length - 1}>
        {texts.suppressed.row}
      </td>
    );
  }
  const { average_percentage_viewed: viewed, worst_drop_off: worst } = row;
  return (
    <>
      <td data-heading={texts.columns.viewers}>{countText(row.learners.viewers)}</td>
      <td data-heading={texts.columns.viewed}>
        {viewed === null ? texts.nothing : strings.percent(Math.round(viewed))}
      </td>
      <td data-heading={texts.columns.completion}>
        {shareText(row.completion_rate_of_viewers, minLearners)}
      </td>
      <td data-heading={texts.columns.dropOff}>
        {worst ? texts.worst(clockTime(worst.at_seconds), worst.viewers_lost) : texts.nothing}
      </td>
    </>
  );
}

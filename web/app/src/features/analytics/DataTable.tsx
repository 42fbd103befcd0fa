/** The numbers of a chart as a table that can be unfolded, and as a file. */
import type { ReactNode } from "react";
import { analyticsStrings as texts } from "../../analytics-strings";
import styles from "./DataTable.module.css";

export interface Column<Row> {
  heading: string;
  textOf: (row: Row) => string;
}

interface DataTableProps<Row> {
  caption: string;
  /** The first one names the row. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** The button that downloads it. */
  download: ReactNode;
}

export function DataTable<Row>({ caption, columns, rows, download }: DataTableProps<Row>) {
  const [first, ...others] = columns;
  if (!first) return null;
  return (
    <div className={styles.box}>
      <details className={styles.details}>
        <summary>{texts.table.show}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls, so the keyboard must reach it. */}
        <section className={styles.scroller} aria-label={texts.table.of(caption)} tabIndex={0}>
          <table className={styles.table}>
            <caption className="visually-hidden">{caption}</caption>
            <thead>
              <tr>
                {columns.map(({ heading }) => (
                  <th key={heading} scope="col">
                    {heading}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={first.textOf(row)}>
                  <th scope="row">{first.textOf(row)}</th>
                  {others.map(({ heading, textOf }) => (
                    <td key={heading}>{textOf(row)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
      {download}
    </div>
  );
}

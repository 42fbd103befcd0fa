/** For addresses that lead nowhere. */
import { Link } from "wouter";
import { strings } from "../strings";
import styles from "./NotFoundPage.module.css";
import { HOME } from "./routes";

export function NotFoundPage() {
  return (
    <div className={styles.page}>
      <h1>{strings.notFound.heading}</h1>
      <p>{strings.notFound.remedy}</p>
      <Link href={HOME}>{strings.notFound.link}</Link>
    </div>
  );
}

/** For addresses that lead nowhere. */
import { Link } from "wouter";
import { useMyCourses } from "../lib/queries";
import { strings } from "../strings";
import styles from "./NotFoundPage.module.css";
import { HOME } from "./routes";

export function NotFoundPage() {
  // Where the link leads is there at once, and the header knows that the service answers.
  useMyCourses();
  return (
    <div className={styles.page}>
      <h1>{strings.notFound.heading}</h1>
      <p>{strings.notFound.remedy}</p>
      <Link href={HOME}>{strings.notFound.link}</Link>
    </div>
  );
}

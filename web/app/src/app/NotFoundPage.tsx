/** The page of an unknown address. */
import { Link } from "wouter";
import { useMyCourses } from "../lib/api/queries";
import { strings } from "../strings";
import styles from "./NotFoundPage.module.css";
import { HOME } from "./routes";

export function NotFoundPage() {
  // Loads the page behind the link, and shows the header whether the service responds.
  useMyCourses();
  return (
    <div className={styles.page}>
      <h1>{strings.notFound.heading}</h1>
      <p>{strings.notFound.remedy}</p>
      <Link href={HOME}>{strings.notFound.link}</Link>
    </div>
  );
}

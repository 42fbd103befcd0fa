/** The kinds of button of this app. */
import type { ButtonHTMLAttributes } from "react";
import styles from "./Button.module.css";

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> {
  look?: "plain" | "primary" | "danger";
  /** Ignores clicks, but keeps the focus, which a disabled button would lose. */
  isBusy?: boolean;
}

export function Button({ look = "plain", type = "button", isBusy, onClick, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={styles.button}
      data-look={look}
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? undefined : onClick}
    />
  );
}

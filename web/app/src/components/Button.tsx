/** The two kinds of button this app has. */
import type { ButtonHTMLAttributes } from "react";
import styles from "./Button.module.css";

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> {
  look?: "plain" | "primary";
  /** At work, and deaf until that is done. It keeps the keyboard: a disabled button would lose it. */
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

import type { ComponentChildren } from "preact";

interface TextFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly autocomplete: string;
  readonly isSecret?: boolean;
  readonly maxLength?: number;
  readonly isInvalid?: boolean;
  /** The id of the hint below the field. */
  readonly describedBy?: string;
  /** The hint. */
  readonly children?: ComponentChildren;
}

/** A line of text with its label. */
export function TextField({ label, isSecret, onChange, isInvalid, describedBy, children, ...rest }: TextFieldProps) {
  const input = {
    ...rest,
    "aria-describedby": describedBy,
    "aria-invalid": isInvalid,
    onInput: (event: InputEvent & { readonly currentTarget: HTMLInputElement }) => onChange(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={rest.id}>{label}</label>
      {isSecret ? <input {...input} type="password" /> : <input {...input} />}
      {children}
    </div>
  );
}

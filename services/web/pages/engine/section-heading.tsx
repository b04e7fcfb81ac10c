/** The heading of a section, which has this id for its label, and a sentence below it. */
export function SectionHeading({ id, title, hint }: Readonly<Record<"id" | "title" | "hint", string>>) {
  return (
    <div class="heading">
      <h2 id={id}>{title}</h2>
      <p class="hint">{hint}</p>
    </div>
  );
}

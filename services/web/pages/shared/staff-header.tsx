import type { ComponentChildren } from "preact";
import { texts } from "./texts.ts";

interface StaffHeaderProps {
  readonly page: "bar" | "display" | "engine";
  readonly children?: ComponentChildren;
}

/** The name of the shop, and the ways to the other pages of the staff. */
export function StaffHeader({ page, children }: StaffHeaderProps) {
  const links = [
    { name: "bar", path: "/bar" },
    { name: "display", path: "/display" },
    { name: "engine", path: "/engine" },
  ] as const;
  return (
    <header class="top">
      <p class="brand">{texts.shop}</p>
      <nav aria-label={texts.staff.pages}>
        {links.map(({ name, path }) => (
          <a key={name} href={path} aria-current={name === page ? "page" : undefined}>
            {texts.staff[name]}
          </a>
        ))}
      </nav>
      {children}
    </header>
  );
}

import type { Order } from "./order-api.ts";

/** A cup that fills as the order goes on, and steams when it is ready. The words beside it say the same. */
export function StatusPicture({ status }: { readonly status: Order["status"] }) {
  return (
    <svg class="cup" data-status={status} viewBox="0 0 120 108" aria-hidden="true">
      <g class="steam">
        <path d="M42 24c-5-6 5-10 0-18" />
        <path d="M58 24c-5-6 5-10 0-18" />
        <path d="M74 24c-5-6 5-10 0-18" />
      </g>
      <clipPath id="bowl">
        <path d="M24 34h68v22a34 34 0 0 1-68 0z" />
      </clipPath>
      <path class="china" d="M24 34h68v22a34 34 0 0 1-68 0z" />
      <g clip-path="url(#bowl)">
        <rect class="coffee" x="20" y="34" width="76" height="60" />
        <rect class="foam" x="20" y="34" width="76" height="7" />
      </g>
      <path class="line" d="M24 34h68v22a34 34 0 0 1-68 0z" />
      <path class="line" d="M92 40h7a11 11 0 0 1 0 24h-9" />
      <path class="line" d="M18 100h80" />
    </svg>
  );
}

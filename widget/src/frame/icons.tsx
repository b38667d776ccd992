import type { ComponentChildren } from "preact";

const icon = (inside: ComponentChildren) => () => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
    {inside}
  </svg>
);

export const Close = icon(<path d="M6 6l12 12M18 6 6 18" />);
export const End = icon(<><circle cx="12" cy="12" r="9" /><path d="m8.5 12.5 2.5 2.5 5-5.5" /></>);
export const Clip = icon(<path d="m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.3 17a1.7 1.7 0 0 1-2.4-2.4L14.5 7" />);
export const Send = icon(<path d="M12 20V5m-7 7 7-7 7 7" />);
export const Down = icon(<path d="M12 5v14m7-7-7 7-7-7" />);
export const Doc = icon(<><path d="M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8Z" /><path d="M14 3v5h5" /></>);
export const Pin = icon(<><path d="M12 21s7-6.5 7-12a7 7 0 0 0-14 0c0 5.5 7 12 7 12Z" /><circle cx="12" cy="9" r="2.5" /></>);
export const Clock = icon(<><circle cx="12" cy="12" r="9" /><path d="M12 7v5l3 2" /></>);
export const Check = icon(<path d="m5 13 4.5 4.5L19 7" />);
export const Checks = icon(<path d="m2 13 4.5 4.5L16 7m-4 9.5 1 1L22 7" />);
export const Alert = icon(<><circle cx="12" cy="12" r="9" /><path d="M12 7v6m0 3.5v.01" /></>);
export const Star = icon(<path d="m12 3 2.7 5.8 6.3.8-4.6 4.4 1.2 6.3-5.6-3.1-5.6 3.1 1.2-6.3L3 9.6l6.3-.8Z" />);

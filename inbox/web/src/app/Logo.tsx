/** The house's trumpet. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className}>
      <rect width="32" height="32" rx="8" fill="#141f38" stroke="#2d426e" />
      <path d="M7 13.5 19.5 8v16L7 18.5z" fill="#389cf7" />
      <path d="M10 19.4 11.6 25h3.1l-1.4-4.2z" fill="#06b6d4" />
      <path
        d="M22.5 12.2a5.4 5.4 0 0 1 0 7.6M25 9.4a9.4 9.4 0 0 1 0 13.2"
        fill="none"
        stroke="#22c55e"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </svg>
  );
}

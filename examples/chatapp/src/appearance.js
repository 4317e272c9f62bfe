import { useSyncExternalStore } from "react"

const dark = matchMedia("(prefers-color-scheme: dark)")

function subscribe(changed) {
  dark.addEventListener("change", changed)
  return () => dark.removeEventListener("change", changed)
}

// useAppearance follows what the user's system prefers.
export const useAppearance = () => useSyncExternalStore(subscribe, () => (dark.matches ? "dark" : "light"))

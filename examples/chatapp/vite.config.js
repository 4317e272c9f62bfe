import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

// What styles of packages would fetch from other hosts is left out, as the icons
// of the widget: pages ask nobody but the app and WorkOS.
const ownImages = {
  postcssPlugin: "own-images",
  Declaration(declaration) {
    declaration.value = declaration.value.replace(/url\(\s*["']?(?:https?:)?\/\/[^)]*\)/gi, "none")
  },
}

export default defineConfig({ plugins: [react()], css: { postcss: { plugins: [ownImages] } }, build: { chunkSizeWarningLimit: 2000 } })

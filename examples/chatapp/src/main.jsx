import "@radix-ui/themes/styles.css"
import "@workos-inc/widgets/styles.css"
import "./app.css"
import { Theme } from "@radix-ui/themes"
import { QueryClient, QueryClientProvider } from "@tanstack/react-query"
import { createRoot } from "react-dom/client"
import { App } from "./App.jsx"
import { useAppearance } from "./appearance.js"

const queryClient = new QueryClient()

function Root() {
  const appearance = useAppearance()
  return (
    <Theme appearance={appearance} accentColor="indigo" grayColor="slate">
      <QueryClientProvider client={queryClient}>
        <App />
      </QueryClientProvider>
    </Theme>
  )
}

createRoot(document.getElementById("root")).render(<Root />)

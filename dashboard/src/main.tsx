import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/query-client";
import { isReplaced } from "./api/version";
import { passNonceOn } from "./lib/csp";
import { watchChunks } from "./lib/reload";
import { followTheme } from "./lib/theme";
import { router } from "./router";

passNonceOn();
followTheme();
watchChunks(isReplaced);

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

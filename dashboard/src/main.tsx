import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { isReachable } from "./api/client";
import { queryClient } from "./api/query-client";
import { passNonceOn } from "./lib/csp";
import { watchChunks } from "./lib/reload";
import { followTheme } from "./lib/theme";
import { router } from "./router";
import "./styles/app.css";

passNonceOn();
followTheme();
watchChunks(isReachable);

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

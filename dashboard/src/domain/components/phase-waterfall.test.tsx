import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { PhaseWaterfall } from "./phase-waterfall";

it("a phase that was not measured is not drawn as zero", () => {
  render(<PhaseWaterfall phases={{ connect: 0.02, processing: 0.48 }} />);
  expect(screen.queryByText("DNS")).toBeNull();
  expect(screen.queryByText("TLS")).toBeNull();
  expect(screen.getByText("Waiting").parentElement).toHaveTextContent("480 ms");
  expect(screen.getByText("Total").parentElement).toHaveTextContent("500 ms");
});

import { Component, type ReactNode } from "react";
import { ErrorPanel } from "./error-panel";

interface PanelBoundaryProps {
  /** What is in it: "The chart". */
  title: string;
  children: ReactNode;
}

/** A panel that breaks breaks alone. */
export class PanelBoundary extends Component<PanelBoundaryProps, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    const { title, children } = this.props;
    if (this.state.error === null) return children;
    const retry = () => this.setState({ error: null });
    return <ErrorPanel error={this.state.error} title={`${title} could not be shown`} retry={retry} />;
  }
}

// biome-ignore-all lint/a11y/noRedundantRoles: `display: block` takes a table element its role, and phones have that
import type { ReactNode } from "react";
import { cn } from "./cn";

export interface Column<Row> {
  key: string;
  /** The heading; for a column of buttons give `srOnly`. */
  title: string;
  cell: (row: Row) => ReactNode;
  /** Figures stand at the right. */
  align?: "left" | "right";
  srOnly?: boolean;
  /** On phones: on the first line (with the row's name), on the second, or not at all. */
  phone?: "first" | "second" | "hidden";
  className?: string;
}

interface TableProps<Row> {
  /** What the rows are, for those who cannot see the heading above. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  className?: string;
}

/** A table; on phones each row is two lines. */
export function Table<Row>({ label, columns, rows, rowKey, className }: TableProps<Row>) {
  return (
    <table aria-label={label} role="table" className={cn("w-full border-collapse text-sm max-sm:block", className)}>
      <thead role="rowgroup" className="max-sm:sr-only">
        <tr role="row" className="border-line border-b">
          {columns.map((column) => (
            <th key={column.key} role="columnheader" scope="col" className={cn(headStyle, sideOf(column))}>
              {column.srOnly ? <span className="sr-only">{column.title}</span> : column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" className="max-sm:block">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row" className={rowStyle}>
            {columns.map((column) => (
              <td
                key={column.key}
                role="cell"
                className={cn(cellStyle, sideOf(column), phoneStyle(column), column.className)}
              >
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const headStyle = "px-3 py-2 font-medium text-muted text-xs first:pl-4 last:pr-4 sm:first:pl-5 sm:last:pr-5";
const rowStyle = cn(
  "border-line border-b last:border-b-0",
  "max-sm:flex max-sm:flex-wrap max-sm:items-center max-sm:gap-x-3 max-sm:gap-y-1 max-sm:px-4 max-sm:py-3",
);
const cellStyle = "py-2.5 align-middle max-sm:block max-sm:p-0 sm:px-3 sm:first:pl-5 sm:last:pr-5";

function sideOf<Row>(column: Column<Row>): string {
  return column.align === "right" ? "text-right tabular-nums" : "text-left";
}

function phoneStyle<Row>(column: Column<Row>): string {
  if (column.phone === "hidden") return "max-sm:hidden";
  if (column.phone === "first") return "max-sm:order-first max-sm:min-w-0 max-sm:grow max-sm:basis-[60%]";
  return column.phone === "second" ? "max-sm:order-last max-sm:text-muted max-sm:text-left" : "max-sm:ml-auto";
}

// @ts-check
// The state of an item before its first event.

/** @import { Open } from "../types.d.ts" */

/** @type {Open} */
export const NEW = {
  life: "",
  holds: [],
  recalls: [],
  testers: [],
  pending: undefined,
  periods: { end: 0, opened: false, waiting: [] },
};

// @ts-check
// The numbers of the operations on the boundary; the core's `client/operations.rs` has the same list.

export const LIST_APPS = 0;
export const GET_APP = 1;
export const GET_WORKFLOW = 2;
export const VALIDATE_INPUTS = 3;
export const EXECUTE = 4;
export const GET_EXECUTION = 5;
export const WAIT = 6;
export const RUN = 7;
export const POLL_STEP = 8;

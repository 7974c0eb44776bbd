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
export const GET_SIGNING_KEYS = 9;
export const VERIFY_WEBHOOK = 10;
export const CANCEL_EXECUTION = 11;
export const LIST_EXECUTIONS = 12;
export const ESTIMATE_COST = 13;
export const GET_USAGE = 14;
export const CHECK_WEBHOOK = 15;
export const WEBHOOK_EVENT = 16;

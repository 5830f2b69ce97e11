/** What a process under the ban of no-outgoing.ts prints when it tried to call out. */
export const CALLED_OUT = 'outgoing connection refused';

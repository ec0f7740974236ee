/** What the rules engine knows of a published message. */
export interface RuleMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientId: string;
  readonly principal: string;
  readonly accountId: string;
  readonly receivedAtMs: number;
}

import { mostTopics } from '../../../core/api/live.ts';
import type { Feed } from '../../../core/api/live-feed.ts';
import type { FeederLease, LiveConnection, LiveStore, Since } from '../../../lambdas/ports/live.ts';

/** The live feed's store in memory: what its contract says, and nothing of DynamoDB. */
export class MemoryLive implements LiveStore, FeederLease {
  readonly connections = new Map<string, { topics: Record<string, Since>; expiresAtMs: number }>();
  private readonly feeds = new Map<string, { feed: Feed; expiresAtMs: number }>();
  private lease = { holder: '', untilMs: 0 };

  async connect(connectionId: string, expiresAtMs: number): Promise<void> {
    this.connections.set(connectionId, { topics: {}, expiresAtMs });
  }
  async disconnect(connectionId: string): Promise<void> {
    this.connections.delete(connectionId);
  }
  async watch(connectionId: string, topic: string, since: Since): Promise<boolean> {
    const topics = this.connections.get(connectionId)?.topics;
    if (topics === undefined || (!(topic in topics) && Object.keys(topics).length >= mostTopics)) return false;
    topics[topic] = since;
    return true;
  }
  async unwatch(connectionId: string, topic: string): Promise<void> {
    delete this.connections.get(connectionId)?.topics[topic];
  }
  async note(connectionId: string, topic: string, change: { before: Since; after: Since }): Promise<void> {
    const topics = this.connections.get(connectionId)?.topics;
    if (topics !== undefined && topics[topic] === change.before) topics[topic] = change.after;
  }
  async list(nowMs: number): Promise<readonly LiveConnection[]> {
    return [...this.connections]
      .filter(([, { expiresAtMs }]) => expiresAtMs > nowMs)
      .map(([connectionId, { topics }]) => ({ connectionId, topics: { ...topics } }));
  }
  async loadFeed(topic: string, nowMs: number): Promise<Feed | undefined> {
    const kept = this.feeds.get(topic);
    return kept !== undefined && kept.expiresAtMs > nowMs ? kept.feed : undefined;
  }
  async saveFeed(
    topic: string,
    feed: Feed,
    { before, expiresAtMs }: { before: number | null; expiresAtMs: number },
  ): Promise<boolean> {
    const seq = this.feeds.get(topic)?.feed.seq;
    const isNext = before === null ? seq === undefined || seq < feed.seq : seq === before;
    if (isNext) this.feeds.set(topic, { feed, expiresAtMs });
    return isNext;
  }
  async take(holder: string, untilMs: number): Promise<void> {
    this.lease = { holder, untilMs };
  }
  async renew(holder: string, untilMs: number): Promise<boolean> {
    if (this.lease.holder !== holder) return false;
    this.lease = { holder, untilMs };
    return true;
  }
  async release(holder: string): Promise<void> {
    await this.renew(holder, 0);
  }
  async claim(nowMs: number, untilMs: number): Promise<boolean> {
    if (this.lease.untilMs > nowMs) return false;
    this.lease = { ...this.lease, untilMs };
    return true;
  }
}

export { createRedisStore, type RedisClient, type RedisStoreOptions } from './redis-store.js'
export type { IoRedisClient, IoRedisListener } from './ioredis.js'
export type { NodeRedisClient, NodeRedisListener } from './node-redis.js'
export type { Addition, KeepingStore, Store, Subscriber } from '../stores/store.js'

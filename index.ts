/** Troupe: actors for TypeScript on NATS. This is the one public door. */

export { Actor, type Behavior } from './actors/actor.ts';
export type { Channel, ChannelOptions } from './actors/channel/channel.ts';
export { type Case, type Happened, type Selected, select } from './actors/channel/select.ts';
export type { ChannelStat } from './actors/channel/steps.ts';
export type { Group, GroupOptions } from './actors/group/group.ts';
export type { Member, Route } from './actors/group/members.ts';
export type { Scatter, ScatterOptions } from './actors/group/scatter.ts';
export type { NodeChange } from './actors/node/node-changes.ts';
export type { NodeLoad } from './actors/node/node-meter.ts';
export { readEvents, type ServerEvent } from './actors/pipeline/events.ts';
export { readLines, readNdjson, writeLines, writeNdjson } from './actors/pipeline/files.ts';
export { Flow, pipeline, type Windowed } from './actors/pipeline/flow.ts';
export {
	readJetStream,
	type StreamConsumer,
	type StreamPublisher,
	writeJetStream,
} from './actors/pipeline/jetstream.ts';
export type { StageStats } from './actors/pipeline/meter.ts';
export type { Pipeline } from './actors/pipeline/pipeline.ts';
export type { PipelineRun, Running, RunOptions } from './actors/pipeline/run.ts';
export type { Sending, Sink, SinkObject, WritableEnd } from './actors/pipeline/sink.ts';
export type { AcknowledgedSource, Source } from './actors/pipeline/source.ts';
export type { Poison } from './actors/pipeline/work.ts';
export { type RetryOptions, retry, type SinkOptions, type WorkOptions } from './actors/pipeline/work-options.ts';
export type { Pool, PoolOptions } from './actors/pool/pool.ts';
export type { Program, ProgramOptions } from './actors/program/program.ts';
export type { ProgramExit, ProgramUse } from './actors/program/program-actor.ts';
export { ActorSystem } from './actors/system.ts';
export type { SubscribeOptions, Subscription } from './actors/topic/subscription.ts';
export type { PublishOptions, Topic, TopicOptions } from './actors/topic/topic.ts';
export {
	ERROR_CODES,
	type ErrorCode,
	isRejection,
	isTroupeError,
	Rejection,
	TroupeError,
} from './runtime/core/errors.ts';
export type {
	ActorEvent,
	ActorRestarted,
	ActorStopped,
	DeadLetter,
	DeadLetterReason,
	EventStream,
	Message,
	Metrics,
	NodeEvent,
	SystemEvents,
	Warning,
} from './runtime/core/events.ts';
export type { NodeInfo } from './runtime/core/node-info.ts';
export type {
	ActorInstance,
	ActorRef,
	Address,
	AnyRef,
	ArgsOf,
	AskFace,
	CallOptions,
	MessageName,
	SendFace,
	TellFace,
} from './runtime/core/protocol.ts';
export { type NatsPermissions, natsPermissions } from './runtime/core/subjects.ts';
export type { DeadLetterBox, KeptLetter } from './runtime/durable/dead-letters.ts';
export type { ActorTimers, CancelTimer } from './runtime/kernel/actor-timers.ts';
export type { Termination } from './runtime/kernel/control.ts';
export type { ActorClass, MessageSchema } from './runtime/kernel/definition.ts';
export type { FrameCounts, Stats } from './runtime/kernel/ledger.ts';
export type { Log, LogLine } from './runtime/kernel/log.ts';
export { type DurableOptions, durable } from './runtime/mailbox/durable-spec.ts';
export {
	bounded,
	type DurableTerms,
	type MailboxOptions,
	type MailboxSpec,
	type Overflow,
	priority,
} from './runtime/mailbox/mailbox-spec.ts';
export type { NatsAccess, SystemOptions } from './runtime/options.ts';
export {
	child,
	type PlacedSpawnOptions,
	type Placement,
	type SpawnArguments,
	type SpawnOptions,
	type SupervisorRef,
	supervisor,
	type TreeSpec,
} from './runtime/spawn.ts';
export type { MailboxDepth, RegisteredActor, Whereabouts } from './runtime/system.ts';
export { BadOption } from './supervisor/bad-option.ts';
export type { RestartType } from './supervisor/child-spec.ts';
export {
	type Directive,
	escalate,
	type RestartOptions,
	restart,
	resume,
	type Supervision,
	stop,
} from './supervisor/directive.ts';
export type { Duration } from './supervisor/duration.ts';
export { allForOne, oneForOne, restForOne, type Strategy } from './supervisor/strategy.ts';

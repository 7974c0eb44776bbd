//! One look at an execution, whichever way it goes: a plain read, a reply that the server holds, an event of a stream.

use super::accept::{accept, is_execution};
use super::attempt::{timed_out, Context, Sending};
use super::clock;
use super::route::Route;
use crate::api::promise::Promise;
use crate::api::routes;
use crate::core::budget::{AppKey, Request};
use crate::core::error::Code;
use crate::core::poll::Wait;
use crate::core::retry::{Effect, Outcome};
use crate::core::sse::{Parser, Read};
use crate::core::time::{Instant, Millis};
use crate::core::transport::{hold, was_held, Way, Ways};
use crate::host::bindings;
use crate::host::failure::{Failure, Parts};
use crate::host::value::{self, Value};

/// A stream without a byte for so long is broken: the API sends a `ping` every 15 seconds or so.
const SILENCE: Millis = Millis::new(45_000.0);
/// A stream that ends sooner is not opened again at once.
const SHORT_LIVED: Millis = Millis::new(1_000.0);

/// The looks of one wait.
#[derive(Debug)]
pub struct Looks<'a> {
    context: &'a Context<'a>,
    id: Value,
    ways: Ways,
    /// Whether the client chooses the way by itself.
    chooses: bool,
    stream: Option<Stream>,
    /// After it, nothing is asked.
    deadline: Instant,
    /// When the execution began.
    pub began: Instant,
    /// Its app, as far as that is known.
    pub app: AppKey,
    /// The last look took its time at the server, so the next one need not wait.
    pub was_held: bool,
}

#[derive(Debug)]
struct Stream {
    parser: Parser,
    opened: Instant,
}

impl<'a> Looks<'a> {
    /// Looks at the execution `id`, by `way`; `None` where the client chooses.
    pub fn new(context: &'a Context<'a>, id: Value, way: Option<Way>, wait: &Wait) -> Self {
        let now = clock::now();
        let ways = way.map_or_else(|| context.client.ways.get().chosen(now), |way| Ways::new(way, now));
        Self {
            context,
            id,
            ways,
            chooses: way.is_none(),
            stream: None,
            deadline: wait.deadline,
            began: wait.began,
            app: AppKey::new(0),
            was_held: false,
        }
    }

    /// Whether the next look is an event of a stream that is open.
    pub fn is_streaming(&self) -> bool {
        self.stream.is_some()
    }

    /// Gives up what is under way.
    pub fn abort(&mut self) {
        self.stream = None;
        bindings::abort_attempt();
        self.context.give_back(None);
    }

    /// The execution as the next look shows it; before `due` nothing is asked, and nothing after the wait's deadline.
    ///
    /// # Errors
    ///
    /// What the look failed with; where a stream or a held reply did, a plain read comes next.
    pub async fn next(&mut self, due: Instant) -> Result<Value, Failure> {
        let deadline = self.deadline;
        if !self.is_streaming() && due >= deadline && due > clock::now() {
            self.context.call.sleep(deadline).await;
            return Err(timed_out(Effect::Safe, "The wait's time is over."));
        }
        self.was_held = false;
        let way = self.ways.next();
        let looked = self.look(way, due).await;
        let Err(mut failure) = looked else {
            self.ways.worked(way);
            if self.chooses {
                // Only now, for a failure that everything shares says nothing of the way.
                self.context.client.ways.set(self.ways);
            }
            return looked;
        };
        // What every way is refused with says nothing of this one.
        if way != Way::Poll && clock::now() < deadline && !matches!(failure.status, 401 | 403 | 429) {
            self.abort();
            self.ways.broke(way);
            if self.chooses && self.ways.is_hopeless() {
                let next = if way == Way::Stream { Way::LongPoll } else { Way::Poll };
                self.ways = Ways::new(next, clock::now());
            }
            // A server without this way says nothing of the execution; the plain read that follows does.
            failure.outcome = Some(Outcome::Network);
        }
        Err(failure)
    }

    /// The execution as a reply shows it, or the next one that a stream tells of, which is opened first where it is not.
    async fn look(&mut self, way: Way, due: Instant) -> Result<Value, Failure> {
        let (context, deadline) = (self.context, self.deadline);
        let config = context.config;
        let mark = value::mark();
        loop {
            value::release(mark);
            let Some(stream) = &mut self.stream else {
                let hold = match way {
                    Way::LongPoll => {
                        hold(context.options.limits.attempt_timeout, deadline.since(clock::now().max(due)))
                    }
                    Way::Poll | Way::Stream => None,
                };
                let endpoint = match way {
                    Way::Stream => &routes::STREAM,
                    _ if hold.is_some() => &routes::WAIT,
                    _ => &routes::GET_EXECUTION,
                };
                let mut route = Route::to(endpoint, config, self.id);
                route.ask("timeout", hold.map_or(Value::UNDEFINED, Value::from));
                let request = Request::Poll { due, began: self.began, app: self.app };
                let reply = context.attempt(&Sending { route, body: Value::UNDEFINED, request, deadline }).await?;
                let now = clock::now();
                if way != Way::Stream {
                    self.was_held = hold.is_some_and(|seconds| was_held(seconds, now.since(context.sent_at.get())));
                    return accept(reply, Promise::Execution, config.version);
                }
                if !reply.streams() {
                    return Err(broken("The server, or this host's `fetch`, does not stream."));
                }
                self.stream = Some(Stream { parser: Parser::default(), opened: now });
                continue;
            };
            match stream.parser.read() {
                Read::Event => {
                    // Whatever it is called: a state counts by its status, and what is none (a ping, whose unit is not
                    // documented) is a sign of life.
                    let data = bindings::parse_bytes(stream.parser.data());
                    // Documented bare; a wrapped one is taken too.
                    let inner = data.get("data");
                    let execution = if inner.is_object() { inner } else { data };
                    if is_execution(execution) {
                        return Ok(execution);
                    }
                    if stream.parser.name() == b"timeout" && clock::now().since(stream.opened) >= SHORT_LIVED {
                        self.abort();
                    }
                }
                Read::TooLong => return Err(broken("The stream sent an event of more than 8 MB.")),
                Read::Nothing => {
                    bindings::read_more();
                    match context.call.answer(deadline.min(clock::now() + SILENCE)).await {
                        Some(Ok(chunk)) => match bindings::bytes(chunk) {
                            Some(bytes) => stream.parser.feed(bytes),
                            None => return Err(broken("The stream ended before the execution did.")),
                        },
                        Some(Err(thrown)) => return Err(broken("The stream broke.").because(thrown)),
                        None => return Err(timed_out(Effect::Safe, "The stream said nothing for 45 seconds.")),
                    }
                }
            }
        }
    }
}

fn broken(message: &str) -> Failure {
    let mut failure = Parts::new(Code::NetworkError, message);
    failure.outcome = Some(Outcome::Network);
    failure
}

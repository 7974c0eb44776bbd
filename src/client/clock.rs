//! The client's time. It stands while the core runs: the host's clock is read once for each entry, and after most of what
//! may have taken long, the functions and inputs of users. The host's timers make up for the rest (`left` in `host.js`).

use crate::core::alarm::Alarm;
use crate::core::clock::Clock;
use crate::core::time::Instant;
use crate::host::bindings;
use std::cell::Cell;

thread_local! {
    static CLOCK: Cell<Clock> = const { Cell::new(Clock::NEW) };
}

/// What the host's clock showed at the last look.
pub fn now() -> Instant {
    CLOCK.with(|clock| clock.get().now())
}

/// When the host's clock showed this.
pub fn at(reading: f64) -> Instant {
    CLOCK.with(|clock| clock.get().at(reading))
}

/// Looks at the host's clock.
pub fn look() {
    shows(bindings::now());
}

/// The host's clock shows this.
pub(super) fn shows(reading: f64) {
    change(|clock| {
        clock.read(reading);
    });
}

/// The host's timer for `alarm` went off: whether the time has come.
pub(super) fn went_off(alarm: &mut Alarm) -> bool {
    change(|clock| alarm.went_off(clock))
}

fn change<T>(by: impl FnOnce(&mut Clock) -> T) -> T {
    CLOCK.with(|cell| {
        let mut clock = cell.get();
        let result = by(&mut clock);
        cell.set(clock);
        result
    })
}

//! A sleeper on a host whose clock and timer are troubled: how long it sleeps in the first line, then a line for each trouble.

#![no_main]

use lamina_fuzz::host_world::{longest, Host, Trouble};
use lamina_fuzz::{millis, number, parts, script};
use lamina_wasm::core::time::Millis;
use libfuzzer_sys::fuzz_target;

fn trouble([name, first, second, _]: [&str; 4]) -> Trouble {
    let after = millis(first, 1e9);
    match name {
        "look" => Trouble::Look(after),
        "jump" => Trouble::Jump(after, number(second).clamp(-1e12, 1e12).floor()),
        "stand" => Trouble::Stand(after, second == "1"),
        // Timers of hosts are early by less than a turn of their event loop.
        _ => Trouble::Late(number(first).clamp(-40.0, 1e9).floor()),
    }
}

fuzz_target!(|text: &str| {
    let [pauses, troubles] = parts(text);
    let mut troubles = script(troubles).map(trouble);
    let mut host = Host::default();
    for (count, pause) in pauses.split(' ').take(8).enumerate() {
        let pause = Millis::new(millis(pause, 2e9));
        let until = host.now() + pause;
        let slept = host.sleep(until, &mut troubles);
        assert!(slept.timers <= 4, "{slept:?}");
        if count == 0 {
            assert!(slept.long <= longest(pause) + slept.late, "{slept:?}");
        }
    }
});

//! A stream of server-sent events, whole and in pieces (the first byte says how large), against the standard's words.

#![no_main]

use lamina_wasm::core::sse::{Parser, Read};
use libfuzzer_sys::fuzz_target;

/// As the standard reads a stream: decoded first, then line by line.
fn read(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    // What follows the last line end is no line yet.
    lines.pop();
    let (mut events, mut name, mut data) = (Vec::new(), String::new(), String::new());
    for line in lines {
        if line.is_empty() {
            let name = std::mem::take(&mut name);
            let mut data = std::mem::take(&mut data);
            if data.pop().is_some() {
                events.push((name, data));
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = value.into(),
            "data" => data.extend([value, "\n"]),
            _ => {}
        }
    }
    events
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&size, bytes)) = bytes.split_first() else { return };
    let expected = read(bytes);
    for size in [bytes.len(), usize::from(size)] {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for piece in bytes.chunks(size.max(1)) {
            parser.feed(piece.to_vec());
            while parser.read() == Read::Event {
                events.push((text(parser.name()), text(parser.data())));
            }
            assert_eq!(parser.read(), Read::Nothing);
        }
        assert_eq!(events, expected);
    }
});

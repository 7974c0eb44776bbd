//! Whether a text is a URL that a server can load.

use crate::core::text::split;

/// Whether `text` is an absolute `http:` or `https:` URL with a host, without spaces and control characters.
///
/// No more than that: what one parser refuses another repairs, and it is the server's that decides.
#[must_use]
pub fn is_http_url(text: &str) -> bool {
    let (scheme, rest) = split(text, b":");
    let is_http = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let Some(rest) = rest.and_then(|rest| rest.strip_prefix("//")).filter(|_| is_http) else { return false };
    if rest.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return false;
    }
    let (mut host, _) = split(rest, b"/\\?#");
    while let (_, Some(behind)) = split(host, b"@") {
        host = behind;
    }
    !host.is_empty() && !host.starts_with(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let table = [
            "https://a.example",
            "http://a.example/",
            "HTTPS://A.EXAMPLE/B",
            "https://a.example:8443/b.png?signature=a%2Fb&x=@:#top",
            "https://user:secret@a.example/",
            "https://user@:secret@a.example/",
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]:80/",
            "https://münchen.example/bild-ü.png",
            "https://a.example/%",
            "https://a.example?x",
            "https://a.example#x",
        ];
        for text in table {
            assert!(is_http_url(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_http_url() {
        let table = [
            "",
            "a",
            "a.example/b.png",
            "//a.example/b.png",
            "/b.png",
            "ftp://a.example/",
            "data:image/png;base64,AAAA",
            "blob:https://a.example/1",
            "javascript://a.example/",
            "file:///b.png",
            "s3://bucket/b.png",
            "http",
            "http:",
            "http:/a.example",
            "http://",
            "https:///b.png",
            "https://?x",
            "https://#x",
            "https://:443/",
            "https://user@/",
            "https://user@:80/",
            " https://a.example",
            "https://a.example ",
            "https://a.example/b c.png",
            "https://a.example/\n",
            "https://a.example/\u{0}",
            "https://a.example/\u{7f}",
        ];
        for text in table {
            assert!(!is_http_url(text), "{text}");
        }
    }
}

//! A browser's long name in the few words that its owner would use.
//!
//! A user agent is whatever its sender writes; this reads the common ones and says nothing of the others. It is for
//! showing only and is never evidence.

/// `Firefox on Windows`, `Chrome on Android`; `None` where neither program nor system is known.
#[must_use]
pub fn in_words(user_agent: &str) -> Option<String> {
    let program = PROGRAMS.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    let system = SYSTEMS.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    match (program, system) {
        (Some(program), Some(system)) => Some(format!("{program} on {system}")),
        (Some(program), None) => Some(program.to_owned()),
        (None, Some(system)) => Some(format!("a device with {system}")),
        (None, None) => None,
    }
}

/// Marks in the order in which they tell: nearly every browser also claims to be an older one.
const PROGRAMS: [(&str, &str); 17] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "a Chrome run by a program"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("okhttp/", "an Android app"),
    ("CFNetwork/", "an Apple app"),
    ("curl/", "the program curl"),
    ("python-requests/", "a Python program"),
    ("aiohttp/", "a Python program"),
    ("Go-http-client/", "a Go program"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn the_common_ones_are_read_and_the_others_are_not_guessed() {
        let cases = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
                Some("Firefox on Windows"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15",
                Some("Safari on Mac"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36",
                Some("Chrome on Android"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
                Some("Edge on Windows"),
            ),
            ("python-requests/2.32", Some("a Python program")),
            ("Murmur/7.1 (iPhone; iOS 17)", Some("a device with iPhone")),
            ("", None),
            ("x", None),
        ];
        for (user_agent, words) in cases {
            assert_eq!(in_words(user_agent).as_deref(), words, "{user_agent}");
        }
    }
}

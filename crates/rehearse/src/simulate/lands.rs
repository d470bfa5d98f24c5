//! Countries people live in: languages, time zones, weights. Offsets are those of late September.

/// A country.
pub(crate) struct Land {
    pub(crate) code: &'static str,
    pub(crate) language: &'static str,
    /// Time zones: IANA name, minutes east of UTC.
    pub(crate) zones: &'static [(&'static str, i64)],
    /// How many people live there, against the others.
    pub(crate) weight: f64,
}

const fn land(
    code: &'static str,
    language: &'static str,
    zones: &'static [(&'static str, i64)],
    weight: f64,
) -> Land {
    Land { code, language, zones, weight }
}

pub(crate) const LANDS: [Land; 28] = [
    land(
        "US",
        "en",
        &[
            ("America/New_York", -240),
            ("America/Chicago", -300),
            ("America/Denver", -360),
            ("America/Los_Angeles", -420),
        ],
        14.0,
    ),
    land("GB", "en", &[("Europe/London", 60)], 6.0),
    land("CA", "en", &[("America/Toronto", -240), ("America/Vancouver", -420)], 3.0),
    land("AU", "en", &[("Australia/Sydney", 600), ("Australia/Perth", 480)], 2.0),
    land("IN", "en", &[("Asia/Kolkata", 330)], 4.0),
    land("DE", "de", &[("Europe/Berlin", 120)], 8.0),
    land("AT", "de", &[("Europe/Vienna", 120)], 2.0),
    land("CH", "de", &[("Europe/Zurich", 120)], 2.0),
    land("ES", "es", &[("Europe/Madrid", 120)], 5.0),
    land("MX", "es", &[("America/Mexico_City", -360)], 6.0),
    land("AR", "es", &[("America/Argentina/Buenos_Aires", -180)], 4.0),
    land("CO", "es", &[("America/Bogota", -300)], 3.0),
    land("BR", "pt", &[("America/Sao_Paulo", -180), ("America/Manaus", -240)], 9.0),
    land("PT", "pt", &[("Europe/Lisbon", 60)], 2.0),
    land("JP", "ja", &[("Asia/Tokyo", 540)], 8.0),
    land("FR", "fr", &[("Europe/Paris", 120)], 6.0),
    land("BE", "fr", &[("Europe/Brussels", 120)], 1.0),
    land("EG", "ar", &[("Africa/Cairo", 180)], 2.0),
    land("SA", "ar", &[("Asia/Riyadh", 180)], 3.0),
    land("NL", "en", &[("Europe/Amsterdam", 120)], 1.0),
    land("SE", "en", &[("Europe/Stockholm", 120)], 0.8),
    land("PL", "en", &[("Europe/Warsaw", 120)], 1.0),
    land("TR", "en", &[("Europe/Istanbul", 180)], 1.0),
    land("ID", "en", &[("Asia/Jakarta", 420)], 1.5),
    land("VN", "en", &[("Asia/Ho_Chi_Minh", 420)], 0.8),
    land("SG", "en", &[("Asia/Singapore", 480)], 0.6),
    land("ZA", "en", &[("Africa/Johannesburg", 120)], 0.8),
    land("KE", "en", &[("Africa/Nairobi", 180)], 0.6),
];

/// The place of a country in the list.
pub(crate) fn land_for(language: &str, draw: &mut super::dice::Dice) -> usize {
    let weights: Vec<f64> =
        LANDS.iter().map(|l| if l.language == language { l.weight } else { 0.0 }).collect();
    draw.weighted(&weights)
}

//! The file that `hunt calibrate` writes and `hunt --calibration` applies: a correction of the confidence, with what it
//! was fitted to. It fits nothing.

use crate::error::HuntError;
use decide::calibrate::ANSWERS_MIN;
use decide::detect::Calibration;
use model::id::{Digest, Millis};
use model::order::REHEARSED;
use serde::{Deserialize, Serialize};
use std::path::Path;

const FORMAT: &str = "rightful-calibration/1";

/// A correction with its provenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibrated {
    /// The format's name and version.
    pub format: String,
    /// The service whose people and owners answered.
    pub service: String,
    /// Verdicts of which the truth is known.
    pub answers: u64,
    /// Of these, the ones that say that somebody else was in.
    pub compromised: u64,
    /// The prior and weights that it corrects, as a digest: it says nothing of others.
    pub weights: Digest,
    /// Log-odds are multiplied by this,
    pub stretch: f64,
    /// and this is added.
    pub shift: f64,
    /// The Brier score of the confidences as they were.
    pub brier: f64,
    /// The same where each answer is held against a correction that was fitted without it.
    pub brier_corrected: f64,
    /// When it was fitted, ms.
    pub fitted_at: Millis,
}

impl Calibrated {
    /// The format's name and version.
    #[must_use]
    pub fn format() -> String {
        FORMAT.to_owned()
    }

    /// The digest of today's prior and weights.
    #[must_use]
    pub fn weights_digest() -> Digest {
        let all = Calibration::default();
        let texts = all.weights().into_iter().map(|(signal, weight)| format!("{signal} {weight}\n"));
        Digest::of(format!("{}\n{}", all.prior(), texts.collect::<String>()).as_bytes())
    }

    /// The correction.
    #[must_use]
    pub fn calibration(&self) -> Calibration {
        Calibration { stretch: self.stretch, shift: self.shift }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Where it can't be read, is none, was fitted to too little, or corrects other weights than today's.
    pub fn read(file: &Path) -> Result<Self, HuntError> {
        let bytes =
            std::fs::read(file).map_err(|cause| HuntError::Unreadable { file: file.to_owned(), cause })?;
        let refused = |line: usize, why: String| {
            HuntError::Setting(format!(
                "{}, line {line}: {why}; make it again: rightful hunt calibrate --out FILE",
                file.display()
            ))
        };
        let read: Self = serde_json::from_slice(&bytes).map_err(|e| refused(e.line(), e.to_string()))?;
        let why = if read.format != FORMAT {
            format!("the format is {:?}, and {FORMAT:?} was expected", read.format)
        } else if read.weights != Self::weights_digest() {
            "it corrects other weights than this version's".to_owned()
        } else if !(read.stretch > 0.0 && read.stretch.is_finite() && read.shift.is_finite()) {
            format!("a stretch of {} and a shift of {} are no correction", read.stretch, read.shift)
        } else if read.answers < ANSWERS_MIN as u64 || read.compromised > read.answers {
            format!("{} answers are too few for a correction; {ANSWERS_MIN} are needed", read.answers)
        } else {
            return Ok(read);
        };
        Err(refused(1, why))
    }

    /// What a summary says of it. Answers about a service that is only practised on are never called labels: no standing
    /// order on a real one takes them.
    #[must_use]
    pub fn said(&self) -> String {
        let on = if self.service.starts_with(REHEARSED) { "rehearsed answers" } else { "labels" };
        let Self { answers, compromised, service, stretch, shift, .. } = self;
        format!(
            "calibrated on {on} ({answers} answers about {service}, {compromised} of them compromised; log-odds times \
             {stretch}, plus {shift})"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::order::Calibration as Asked;

    fn calibrated() -> Calibrated {
        Calibrated {
            format: Calibrated::format(),
            service: "django:example".to_owned(),
            answers: 412,
            compromised: 400,
            weights: Calibrated::weights_digest(),
            stretch: 0.75,
            shift: -0.5,
            brier: 0.03,
            brier_corrected: 0.02,
            fitted_at: 1,
        }
    }

    fn read(text: &str) -> Result<Calibrated, String> {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("calibration.json");
        std::fs::write(&file, text).expect("it is written");
        Calibrated::read(&file).map_err(|e| e.to_string())
    }

    #[test]
    fn what_was_written_is_read_and_what_is_no_correction_is_refused() {
        let good = serde_json::to_string_pretty(&calibrated()).expect("JSON");
        assert_eq!(read(&good), Ok(calibrated()));
        let cases = [
            (good.replace("\"shift\": -0.5", "\"shift\": maybe"), "line 8"),
            (good.replace("\"stretch\": 0.75", "\"stretch\": -0.75"), "no correction"),
            (good.replace("\"answers\": 412", "\"answers\": 12"), "12 answers are too few"),
            (good.replace(FORMAT, "other/9"), "format"),
            (good.replace(&Calibrated::weights_digest().hex(), &Digest::of(b"x").hex()), "other weights"),
            (good.replace("\"brier\"", "\"briar\""), "unknown field"),
        ];
        for (text, expected) in cases {
            let error = read(&text).expect_err("it is refused");
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_standing_order_takes_answers_of_a_real_service_and_not_rehearsed_ones() {
        assert!(Asked::Labels.takes(&calibrated().said()), "{}", calibrated().said());
        let rehearsed = Calibrated { service: format!("{REHEARSED}here"), ..calibrated() };
        assert!(!Asked::Labels.takes(&rehearsed.said()), "{}", rehearsed.said());
    }
}

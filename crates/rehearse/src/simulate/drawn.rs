//! Settings drawn from a seed, so that what is measured was not chosen: sizes of attacks, what the service logs, what
//! people do there, what befalls everybody. It knows no detection.

use super::dice::{Dice, Purpose};
use super::settings::{Attack, Settings, Shift, Style};

impl Settings {
    /// Settings drawn from a seed, for so many accounts.
    #[must_use]
    pub fn drawn(seed: u64, accounts: u32) -> Self {
        let dice = &mut Dice::of(seed, Purpose::Settings, 0);
        let days = dice.between(12, 46) as u32;
        // one in ten thousand to one in ten, evenly by the logarithm
        let attacked_share = 1e-4 * 1000f64.powf(dice.unit());
        let mut attacks = Attack::ALL.to_vec();
        dice.shuffle(&mut attacks);
        attacks.truncate(1 + dice.below(Attack::ALL.len()));
        let style = [Style::Microblog, Style::Forum, Style::Marketplace][dice.weighted(&[0.5, 0.25, 0.25])];
        if style != Style::Microblog {
            attacks.retain(|a| *a != Attack::FollowFarm);
        }
        if attacks.is_empty() {
            attacks.push(Attack::StuffingSpam);
        }
        attacks.sort_unstable();
        let mut shifts = Shift::ALL.to_vec();
        dice.shuffle(&mut shifts);
        shifts.truncate(dice.below(4));
        let bare_share = [0.0, dice.real(0.02, 0.5)][dice.weighted(&[0.7, 0.3])];
        let deviceless_share = [0.0, 0.5, 1.0][dice.weighted(&[0.6, 0.3, 0.1])];
        let sessionless_share = [0.0, 0.2, 1.0][dice.weighted(&[0.6, 0.3, 0.1])];
        let even = dice.chance(0.4);
        let joiners_share = [0.0, dice.real(0.05, 0.5)][dice.weighted(&[0.5, 0.5])];
        let texts = !dice.chance(0.1);
        let places = !dice.chance(0.1);
        let seconds_share = [0.02, dice.real(0.05, 0.3)][dice.weighted(&[0.7, 0.3])];
        // a service where most accounts do something twice a week, or one where people live
        let monthly = [0.0, dice.real(8.0, 30.0), dice.real(60.0, 150.0)][dice.weighted(&[0.6, 0.25, 0.15])];
        let events = (monthly > 0.0).then(|| (monthly / 30.0 * f64::from(accounts * days)) as u64);
        let hard = dice.chance(0.7);
        if dice.chance(0.1) {
            attacks.clear();
        }
        Self {
            seed,
            accounts,
            events,
            texts,
            places,
            hard,
            seconds_share,
            days,
            attacked_share,
            attacks,
            shifts,
            bare_share,
            deviceless_share,
            sessionless_share,
            style,
            joiners_share,
            even,
            ..Self::default()
        }
    }
}

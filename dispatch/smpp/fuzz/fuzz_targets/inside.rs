//! What is inside a message: headers, texts in every coding, receipts, ids.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smpp::{Bytes, DeliveryReport, Fragment, IdForm, ShortMessage, canonical_id, coding};

fuzz_target!(|input: (u8, u8, Vec<u8>)| {
    let (esm_class, data_coding, octets) = input;
    let message = ShortMessage { esm_class, data_coding, short_message: Bytes::from(octets), ..ShortMessage::default() };
    let _ = Fragment::of(&message);
    let (udh, text) = message.user_data();
    let header = udh.map_or(0, |udh| udh.length);
    for alphabet in [coding::Alphabet::Gsm7, coding::Alphabet::Gsm7Packed, coding::Alphabet::Latin1] {
        let _ = coding::decode(data_coding, &text, alphabet, header);
        if let Some(report) = DeliveryReport::of(&message, alphabet) {
            for form in [IdForm::Text, IdForm::Hex, IdForm::Decimal] {
                let id = canonical_id(report.text_id.as_deref().unwrap_or_default(), form);
                assert_eq!(canonical_id(&id, IdForm::Text), id);
            }
        }
    }
});

//! The report as one HTML file: self-contained, light and dark, for a screen, a phone or paper.
//!
//! It renders what `lode-report` says: the figures of JSON version 1 and the sentences of the terminal page. It computes no
//! figure but sums of cents and places on a drawing, reads no file and knows no clock. Text of bills and logs is hostile: the
//! templates escape all of it, and the page's own policy keeps whatever is in it from running or calling out.

mod picture;
mod svg;

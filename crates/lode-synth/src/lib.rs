//! The room for deterministic synthetic estates with planted habits, billed by slow code of their own so that a
//! saving can be checked against the truth. It is empty in this version.
//!
//! It must never import the simulator, the estate, the engine or a recommender: the truth shares no code with what
//! it judges.

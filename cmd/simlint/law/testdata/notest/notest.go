package notest // want package:"[^t] deterministic"

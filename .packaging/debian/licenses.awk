# Puts the place of the Apache License in Debian in place of its text: Debian wants no other copy of it.
/^====/ { hidden = 0 }
!hidden { print }
/^Apache License 2.0/ { in_head = 1 }
in_head && /^----/ {
    in_head = 0
    hidden = 1
    print "\nIts text is in /usr/share/common-licenses/Apache-2.0.\n"
}

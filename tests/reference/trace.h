// What callouts tell the program that has loaded them. The program defines it, hook libraries find it there.
#pragma once

#include <string>

// Appends the text to what has happened so far.
void note(const std::string& text);

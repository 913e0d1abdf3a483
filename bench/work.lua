-- work.lua: what bench/run gives lua to do: calls, tables, strings, closures.
local n = tonumber(arg and arg[1]) or 30

local function fib(i)
    if i < 2 then return i end
    return fib(i - 1) + fib(i - 2)
end

local function tree(depth)
    if depth == 0 then return {} end
    return {tree(depth - 1), tree(depth - 1)}
end

local function count(t)
    return t[1] and 1 + count(t[1]) + count(t[2]) or 1
end

local words = {}
for i = 1, 60000 do
    words[#words + 1] = string.format("%x", i * 7919 % 65521)
end
table.sort(words)
local text = table.concat(words, " ")
local seen = 0
for word in text:gmatch("%x+") do
    if word:find("a", 1, true) then seen = seen + 1 end
end
print(fib(n), count(tree(15)), seen, #text:gsub("a", "bb"))

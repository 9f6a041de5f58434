# A Party changes an item and says so to the other, each with the item's number.
changed(item:int, base:string)
notified(item:int)
